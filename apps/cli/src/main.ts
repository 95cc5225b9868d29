/** `gotk`: runs the toolkit locally, and looks into a cluster. One folder per command. */
import { UsageError } from './usage.ts';

interface Command {
  summary: string;
  load(): Promise<(args: string[]) => Promise<number>>;
}

const commands: Record<string, Command> = {
  up: {
    summary: 'run the toolkit on this machine and turn a Git repository into objects of a Kubernetes API server',
    load: async () => (await import('./up/command.ts')).up,
  },
};

function usage(): string {
  const rows = Object.entries(commands).map(([name, command]) => `  ${name.padEnd(12)} ${command.summary}`);
  return `Usage: gotk COMMAND [OPTIONS]\n\nCommands:\n${rows.join('\n')}\n\n'gotk COMMAND --help' explains a command.`;
}

const [name, ...args] = process.argv.slice(2);
const command = name === undefined ? undefined : commands[name];
if (command === undefined) {
  const asked = name === '--help' || name === '-h' || name === 'help';
  if (asked) console.log(usage());
  else console.error(name === undefined ? usage() : `gotk: unknown command '${name}'\n\n${usage()}`);
  process.exit(asked ? 0 : 2);
}
try {
  process.exitCode = await (await command.load())(args);
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`gotk ${name}: ${error.message}`);
    process.exitCode = 2;
  } else {
    console.error(
      `gotk ${name}: ${error instanceof Error ? (process.env.GOTK_DEBUG ? error.stack : error.message) : String(error)}`,
    );
    process.exitCode = 1;
  }
}

import { redactUrl } from './connection.ts';

test.each([
  ['https://host/repo.git', 'https://host/repo.git'],
  ['https://user:secret@host/repo.git', 'https://user:***@host/repo.git'],
  ['https://:secret@host/repo.git', 'https://:***@host/repo.git'],
  ['https://sec@ret:x@host/repo.git', 'https://sec@ret:***@host/repo.git'],
  ['https://ghp_token@host/repo.git', 'https://***@host/repo.git'],
  ['ssh://git@host/repo.git', 'ssh://git@host/repo.git'],
  ['https://host/a@b', 'https://host/a@b'],
])('SRC-426: %s reads %s in messages', (url, text) => expect(redactUrl(url)).toBe(text));

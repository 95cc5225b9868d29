#!/bin/sh
set -eu
cd "$(dirname "$0")"
here=$PWD
work=$(mktemp -d)
trap 'gpgconf --homedir "$work/gnupg" --kill all; rm -rf "$work"' EXIT
export GNUPGHOME="$work/gnupg" GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_DATE=2024-01-01T00:00:00Z GIT_COMMITTER_DATE=2024-01-01T00:00:00Z
mkdir -m 700 "$GNUPGHOME"

# No clock may be so late that a signature is of its future.
cat > "$work/gpg" <<'SCRIPT'
#!/bin/sh
exec gpg --faked-system-time 20240101T000000 --batch --no-tty --pinentry-mode loopback --passphrase '' "$@"
SCRIPT
chmod +x "$work/gpg"
for name in pgp other; do
  "$work/gpg" --quick-generate-key "$name <$name@example.com>" ed25519 cert,sign never
  "$work/gpg" --armor --export "$name@example.com" > "$name.asc"
done
for name in ssh other; do
  ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$work/$name"
  cp "$work/$name.pub" "$name.sshpub"
done

git init --quiet --initial-branch=start "$work/repository"
cd "$work/repository"
git config user.name Ada
git config user.email ada@example.com
git config gpg.program "$work/gpg"
pgp() { git -c user.signingKey=pgp@example.com "$@"; }
ssh() { git -c gpg.format=ssh -c user.signingKey="$work/ssh" "$@"; }
# change BRANCH: something to commit on a new branch
change() {
  git switch --quiet --create "$1"
  echo "name: $1" > "$1.yaml"
  git add .
}

change unsigned && git commit --quiet -m unsigned
pgp tag --sign -m tag pgp-of-unsigned
change pgp && pgp commit --quiet --gpg-sign -m pgp
pgp tag --sign -m tag pgp-of-pgp
ssh tag --sign -m tag ssh-of-pgp
git tag --annotate -m tag annotated
git tag lightweight
change ssh && ssh commit --quiet --gpg-sign -m ssh
ssh tag --sign -m tag ssh-of-ssh
pgp tag --sign -m tag pgp-of-ssh
ssh tag --sign -m tag 1.2.3
git bundle create --quiet "$here/repository.bundle" --branches --tags

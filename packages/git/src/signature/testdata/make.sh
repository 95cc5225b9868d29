#!/bin/sh
# Makes the keys, commits and tags of this folder anew, with git, GnuPG and OpenSSH: sh make.sh
# Private keys are thrown away.
set -eu
cd "$(dirname "$0")"
here=$PWD
work=$(mktemp -d)
trap 'gpgconf --homedir "$work/gnupg" --kill all; rm -rf "$work"' EXIT
export GNUPGHOME="$work/gnupg" GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
mkdir -m 700 "$GNUPGHOME"
rm -f ./*.commit ./*.tag ./*.asc ./*.sshpub

# gpg as it would be at the time in $AT: no clock may be so late that a signature is of its future.
cat > "$work/gpg" <<'SCRIPT'
#!/bin/sh
exec gpg --faked-system-time "$AT" --batch --quiet --no-tty --pinentry-mode loopback --passphrase '' "$@"
SCRIPT
chmod +x "$work/gpg"
pgp() { "$work/gpg" "$@"; }

git init --quiet "$work/repository"
cd "$work/repository"
git config user.name Ada
git config user.email ada@example.com
git config gpg.program "$work/gpg"

# sign NAME KEY: a commit and a tag
sign() {
  date=$(echo "$AT" | sed -E 's/(....)(..)(..)T(..)(..)(..)/\1-\2-\3T\4:\5:\6Z/')
  export GIT_AUTHOR_DATE="$date" GIT_COMMITTER_DATE="$date"
  git -c user.signingKey="$2" commit --quiet --allow-empty --gpg-sign -m "Signed with $1"
  git -c user.signingKey="$2" tag --sign -m "Signed with $1" "$1"
  git cat-file commit HEAD > "$here/$1.commit"
  git cat-file tag "$1" > "$here/$1.tag"
}
# key NAME ALGORITHM USAGE EXPIRY
key() { pgp --quick-generate-key "$1 <$1@example.com>" "$2" "$3" "$4"; }
fingerprint() { pgp --with-colons --list-keys "$1@example.com" | awk -F: '/^fpr/ { print $10; exit }'; }
publish() { pgp --armor --export "$1@example.com" > "$here/$1.asc"; }

export AT=20240101T000000
for algorithm in rsa2048 ed25519 nistp256 nistp384 nistp521 brainpoolP256r1; do
  key "$algorithm" "$algorithm" cert,sign never
  sign "$algorithm" "$(fingerprint "$algorithm")"
  publish "$algorithm"
done

key subkey ed25519 cert never
pgp --quick-add-key "$(fingerprint subkey)" rsa2048 sign never
sign subkey subkey@example.com
publish subkey

AT=20200101T000000
key expired ed25519 cert,sign 2021-01-01
key renewed ed25519 cert,sign 2021-01-01
key expired-subkey ed25519 cert never
pgp --quick-add-key "$(fingerprint expired-subkey)" ed25519 sign 2021-01-01
AT=20200601T000000
sign expired expired@example.com
sign renewed renewed@example.com
sign expired-subkey expired-subkey@example.com
AT=20240101T000000
publish expired
publish expired-subkey
pgp --quick-set-expire "$(fingerprint renewed)" 2100-01-01
# Without the self-signature that was in force when it signed.
pgp --armor --export-options export-minimal --export renewed@example.com > "$here/renewed.asc"

key revoked ed25519 cert,sign never
sign revoked revoked@example.com
publish revoked
cp "$here/revoked.asc" "$here/before-revoked.asc"
sed 's/^:-----/-----/' "$GNUPGHOME/openpgp-revocs.d/$(fingerprint revoked).rev" | pgp --import
publish revoked

# Signed with SHA-1.
key sha1 rsa2048 cert,sign never
printf '#!/bin/sh\nexec "%s" --digest-algo SHA1 "$@"\n' "$work/gpg" > "$work/gpg-sha1"
chmod +x "$work/gpg-sha1"
git config gpg.program "$work/gpg-sha1"
sign sha1 sha1@example.com
publish sha1

git config gpg.format ssh
for algorithm in ed25519 ecdsa-256 ecdsa-384 ecdsa-521 rsa-3072; do
  bits=${algorithm#*-}
  test "$bits" != "$algorithm" || bits=256
  ssh-keygen -q -t "${algorithm%-*}" -b "$bits" -N '' -C "ada@example.com" -f "$work/ssh-$algorithm"
  cp "$work/ssh-$algorithm.pub" "$here/ssh-$algorithm.sshpub"
  sign "ssh-$algorithm" "$work/ssh-$algorithm"
done
ssh-keygen -l -f "$work/ssh-ed25519" | awk '{ print $2 }' > "$here/ssh-ed25519.fingerprint"

# Over the same commit: a short hash, and another purpose than Git.
git cat-file commit HEAD | sed '/^gpgsig/,/END/d' > "$here/unsigned.commit"
ssh-keygen -q -Y sign -n git -O hashalg=sha256 -f "$work/ssh-ed25519" < "$here/unsigned.commit" > "$here/ssh-sha256.signature"
ssh-keygen -q -Y sign -n file -f "$work/ssh-ed25519" < "$here/unsigned.commit" > "$here/ssh-file.signature"

object b307e676fe1f0e42c08274fee78ea3559d46010b
type commit
tag expired-subkey
tagger Ada <ada@example.com> 1590969600 +0000

Signed with expired-subkey
-----BEGIN PGP SIGNATURE-----

iJEEABYIADkWIQTbI8QK9y5ebqVxvz06gmqb7dFNFgUCXtRFABscZXhwaXJlZC1z
dWJrZXlAZXhhbXBsZS5jb20ACgkQOoJqm+3RTRZmlQD/Rjh6iYBJrlEDrcdVE7FN
ri9s+qI52D4UMMI8DwfJv9EBAJ/lzW62VqjB6ZkAmqWZ4Z3iutf6jVNHN85uhbWe
QiMO
=QjWB
-----END PGP SIGNATURE-----

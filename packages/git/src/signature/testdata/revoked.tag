object 9814602bf9c294081eca8c708d463be00883bcb3
type commit
tag revoked
tagger Ada <ada@example.com> 1704067200 +0000

Signed with revoked
-----BEGIN PGP SIGNATURE-----

iIoEABYIADIWIQSBTIiEGytwzfLOoHPxDyOVhgGGkgUCZZIAgBQccmV2b2tlZEBl
eGFtcGxlLmNvbQAKCRDxDyOVhgGGkuf3AQD9wiZLHSj2/Onx43Stmh3BqXDV0Pz6
YPhHHSePHfi63AD9HlnPspzLndlTUtjrikvyXE6RYJuyKxAy/CeC01b6GwA=
=cba6
-----END PGP SIGNATURE-----

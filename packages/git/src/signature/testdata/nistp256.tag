object 5ca20c28ee733c1384d44dc2bf65712d06caadf8
type commit
tag nistp256
tagger Ada <ada@example.com> 1704067200 +0000

Signed with nistp256
-----BEGIN PGP SIGNATURE-----

iHUEABMIAB0WIQTIX2kMADtO51lvZC0ro3BqgwtE5QUCZZIAgAAKCRAro3BqgwtE
5VAaAQDzVabBqgzLvlkODaMHY5u84frij2rObgag6D1DgxiMzwEA5QhVyCmO+mQW
GAjvaxY4/933EYlb9E3Obw+8W5sHYDE=
=ctqO
-----END PGP SIGNATURE-----

object d28734691780b2d6bc43cca36ac8fd3dca0cb8e1
type commit
tag nistp384
tagger Ada <ada@example.com> 1704067200 +0000

Signed with nistp384
-----BEGIN PGP SIGNATURE-----

iJUEABMJAB0WIQQLWKb+jhFZpeUnlKLWb9PoTzLrkgUCZZIAgAAKCRDWb9PoTzLr
kt5xAX9HChHS9h7AeEiRbp2Equ/l9rDfWDYkxEw5J+5P7/62RS7efOPudq9dngdE
cTptrs8BgLSJyBYF036jbk6s0GTcHA3tUaM+YfD2suyAcTbjhmD2gjc/5nFGTVY4
xM9ShUQk0g==
=jcbC
-----END PGP SIGNATURE-----

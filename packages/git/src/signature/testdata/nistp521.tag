object 6881b8fa44c06786144d624fbb0842c14801015e
type commit
tag nistp521
tagger Ada <ada@example.com> 1704067200 +0000

Signed with nistp521
-----BEGIN PGP SIGNATURE-----

iLcEABMKAB0WIQTeyFfy+B3k6uxpxfrYQxoxrXInHgUCZZIAgAAKCRDYQxoxrXIn
Hs56AgjlhDzf/Ih4nPjq8ub0eW45HlPHyblEdNstpQAKg6u4n8ftUO1+/83Fsdv+
pTbdruG8Bet14B1xbWr8uqz28t6xhwIIwanVjvgPE6hRs0yVd03HAJRHe03C2el3
qZuy538WK1o2bNEYkvGA6AoEO6M8+qzRjdd25lVOqZuVqTgtO1sLmXs=
=9FAz
-----END PGP SIGNATURE-----

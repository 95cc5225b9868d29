object 155932c6e98aeb9902951239b8db12bcdf77b74e
type commit
tag brainpoolP256r1
tagger Ada <ada@example.com> 1704067200 +0000

Signed with brainpoolP256r1
-----BEGIN PGP SIGNATURE-----

iHUEABMIAB0WIQQyEOiYrN8EtahWHmpgY2f5qjt+1AUCZZIAgAAKCRBgY2f5qjt+
1LnNAQCEvUrfjx42jbMfTmBa4Qwr97eHh0fGwOs4I3g9xk/+ywEAk4gfGrg7W/Ty
lqkKjyuS8o4tcIlCyIbkW7nkHbQoZnE=
=HJ1f
-----END PGP SIGNATURE-----

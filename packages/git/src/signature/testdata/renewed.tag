object 26b2c1e8c945ec1da0ad00ceb1c144991eb30d3d
type commit
tag renewed
tagger Ada <ada@example.com> 1590969600 +0000

Signed with renewed
-----BEGIN PGP SIGNATURE-----

iIoEABYIADIWIQS+KPkD5C6gAz+5EvOR3XKKfzdThAUCXtRFABQccmVuZXdlZEBl
eGFtcGxlLmNvbQAKCRCR3XKKfzdThJEyAP9Ub1o+cmwJPQRlugxiYjzGN/YK+iWj
qhbS7f/8VDK9bQD9FIOYpo/rBYqO9S4RrTeFs24liuplUKBjDpR10ZRTWQs=
=4xrN
-----END PGP SIGNATURE-----

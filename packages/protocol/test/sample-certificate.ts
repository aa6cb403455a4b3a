/**
 * A self-signed certificate, made by OpenSSL for the tests, with every kind of name and with all that
 * needs an escape in them. Its key is not kept.
 */
export const SAMPLE_PEM = `-----BEGIN CERTIFICATE-----
MIIDWjCCAwCgAwIBAgIUJgO+UWgWKUcJTcp/BGALs+Kxg4EwCgYIKoZIzj0EAwIw
gcQxCzAJBgNVBAYTAkRFMR8wHQYDVQQKDBZFeGFtcGxlLCBJbmMuICJxdW90ZWQi
MRYwFAYDVQQLDA1hK2I7YzxkPmVcZj1nMRAwDgYDVQQLDAcjIGhhc2ggMQ8wDQYD
VQQLDAYgYmxhbmsxITAKBgNVBAUTAzAwNzATBgNVBAMMDFNjaGzDvHNzZWwgNzEe
MBwGCSqGSIb3DQEJARYPb3BzQGV4YW1wbGUuY29tMRYwFAYJKwYBBAGDsgMBDAdw
cml2YXRlMB4XDTI2MTEyNDA5MTIwNloXDTM2MTEyMTA5MTIwNlowgcQxCzAJBgNV
BAYTAkRFMR8wHQYDVQQKDBZFeGFtcGxlLCBJbmMuICJxdW90ZWQiMRYwFAYDVQQL
DA1hK2I7YzxkPmVcZj1nMRAwDgYDVQQLDAcjIGhhc2ggMQ8wDQYDVQQLDAYgYmxh
bmsxITAKBgNVBAUTAzAwNzATBgNVBAMMDFNjaGzDvHNzZWwgNzEeMBwGCSqGSIb3
DQEJARYPb3BzQGV4YW1wbGUuY29tMRYwFAYJKwYBBAGDsgMBDAdwcml2YXRlMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAExjgLhIR5oQNJvesSqwKNBsh5csR4G6dr
BzGq5A46NAx4Zk92QwQVfYiU3NBUhewHEYYXTHVNyryGRC0fsXPuCKOBzTCByjAM
BgNVHRMBAf8EAjAAMIGaBgNVHREEgZIwgY+CF2JpbGxpbmcuY2xpZW50cy5leGFt
cGxlghEqLmNsaWVudHMuZXhhbXBsZYYkc3BpZmZlOi8vZXhhbXBsZS5vcmcvbnMv
YS9zYS9iaWxsaW5nhwTAAAIHhxAgAQ24AAAAAAAAAAAAAAAHgQ9vcHNAZXhhbXBs
ZS5jb22kEjAQMQ4wDAYDVQQDDAVvdGhlcjAdBgNVHQ4EFgQUVxODQ5aJOWi28jpS
dZiRa2mCTAowCgYIKoZIzj0EAwIDSAAwRQIhAIP5IRqaC8jhfAh1mf34tc7aTcBX
3Uiv8YWveWgho9k4AiAzq8aoR9xr/g+G0j+NDLo2T6s5rUbgRBYK6qqyJ0rn9w==
-----END CERTIFICATE-----
`

/** Its subject, as `openssl x509 -nameopt RFC2253` writes it. */
export const SAMPLE_SUBJECT = String.raw`1.3.6.1.4.1.55555.1=#0C0770726976617465,emailAddress=ops@example.com,CN=Schl\C3\BCssel 7+serialNumber=007,OU=\ blank,OU=\# hash\ ,OU=a\+b\;c\<d\>e\\f=g,O=Example\, Inc. \"quoted\",C=DE`

/** The same in DER. */
export const SAMPLE_DER: Uint8Array<ArrayBuffer> = Uint8Array.from(
  Buffer.from(SAMPLE_PEM.replaceAll(/-----[^-]*-----/g, ''), 'base64'),
)

import { describe, expect, it } from 'vitest'
import { API, call, outcome, proofOf, start } from './bound-calls.ts'

describe('the address that a guard compares a proof with', () => {
  it('asks neither Host nor forwarded headers for the address [field:65]', async () => {
    const made = await start()
    await using issuer = made.issuer
    const proof = proofOf(made, { htu: 'https://evil.example/orders/1' })
    const headers = new Headers({
      authorization: `DPoP ${made.token}`,
      dpop: proof,
      host: 'evil.example',
      forwarded: 'host=evil.example;proto=https',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      'x-original-url': 'https://evil.example/orders/1',
    })
    for (const url of ['/orders/1', 'https://evil.example/orders/1']) {
      expect(outcome(await issuer.guard({ method: 'GET', url, headers }))).toBe(
        '401 dpop_wrong_url',
      )
    }
  })

  it.each([
    ['another case of scheme and host, the default port', 'HTTPS://API.example:443/orders/1', true],
    ['a query and a fragment', `${API}/orders/1?x=1#y`, true],
    ['dots that a URL parser takes away', `${API}/a/../orders/1`, true],
    ['another case of the path', `${API}/Orders/1`, false],
    ['a slash at the end', `${API}/orders/1/`, false],
    ['two slashes', `${API}//orders/1`, false],
    ['another scheme', 'http://api.example/orders/1', false],
    ['another port', 'https://api.example:8443/orders/1', false],
    ['a name before the host', 'https://user@api.example/orders/1', false],
    ['a longer host', 'https://api.example.evil.example/orders/1', false],
  ])('compares URLs as URLs: %s', async (_, htu, isSame) => {
    const made = await start()
    await using issuer = made.issuer
    expect(outcome(await call(issuer, made.token, { proof: proofOf(made, { htu }) }))).toBe(
      isSame ? 'allowed' : '401 dpop_wrong_url',
    )
  })

  it('compares with the address that is configured, and the path behind it [field:69]', async () => {
    const made = await start({ dpop: { baseUrl: 'https://gateway.example/v1/' } })
    await using issuer = made.issuer
    const htu = 'https://GATEWAY.example:443/v1/orders/1'
    expect(outcome(await call(issuer, made.token, { proof: proofOf(made, { htu }) }))).toBe(
      'allowed',
    )
    expect(outcome(await call(issuer, made.token, { proof: proofOf(made) }))).toBe(
      '401 dpop_wrong_url',
    )
  })

  it('is any of several, and a proof for one is good once, at that one', async () => {
    const names = ['https://api.example', 'http://localhost:8080/inside']
    const made = await start({ dpop: { baseUrl: names } })
    await using issuer = made.issuer
    const outcomes: string[] = []
    for (const name of [...names, ...names, 'https://other.example']) {
      const proof = proofOf(made, { htu: `${name}/orders/1`, jti: name })
      outcomes.push(outcome(await call(issuer, made.token, { proof })))
    }
    expect(outcomes).toEqual([
      'allowed',
      'allowed',
      '401 dpop_replayed',
      '401 dpop_replayed',
      '401 dpop_wrong_url',
    ])
  })
})

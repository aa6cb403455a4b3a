import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dpopTarget } from './dpop-target.ts'

describe('dpopTarget', () => {
  it.each([
    ['https://api.example/orders', 'https://api.example/orders'],
    ['HTTPS://API.Example/orders', 'https://api.example/orders'],
    ['https://api.example:443/orders', 'https://api.example/orders'],
    ['http://api.example:80/orders', 'http://api.example/orders'],
    ['https://api.example:8443/orders', 'https://api.example:8443/orders'],
    ['https://api.example', 'https://api.example/'],
    ['https://api.example/orders?page=2#end', 'https://api.example/orders'],
    ['https://api.example/a/../orders/./1', 'https://api.example/orders/1'],
    ['https://api.example/%6frders/%7euser', 'https://api.example/orders/~user'],
    ['https://api.example/a%2fb%c3%a9', 'https://api.example/a%2Fb%C3%A9'],
    ['https://api.example/%2e%2E/orders', 'https://api.example/orders'],
    ['https://[::1]:8080/orders', 'https://[::1]:8080/orders'],
  ])('[std:219] makes of %s %s', (url, target) => {
    expect(dpopTarget(url)).toBe(target)
  })

  it.each([
    ['https://api.example/orders', 'https://api.example/Orders'],
    ['https://api.example/orders', 'https://api.example/orders/'],
    ['https://api.example/a%2Fb', 'https://api.example/a/b'],
    ['https://api.example/orders', 'http://api.example/orders'],
    ['https://api.example/orders', 'https://api.example:444/orders'],
    ['https://api.example/a%25b', 'https://api.example/a%b'],
  ])('keeps %s and %s apart', (one, other) => {
    expect(dpopTarget(one)).not.toBe(dpopTarget(other))
  })

  it.each([
    '',
    '/orders',
    'api.example/orders',
    'ftp://api.example/orders',
    'data:,orders',
    'https://user@api.example/orders',
    'https://user:word@api.example/orders',
    'https://api.example/ord\ters',
    'https://api.example/orders ',
    'https://api.example\\orders',
    'https://api.example/orders\u0000',
    `https://api.example/${'a'.repeat(8192)}`,
  ])('takes no %j', (url) => {
    expect(dpopTarget(url)).toBeUndefined()
  })

  it('changes nothing the second time, and never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.webUrl({ withFragments: true, withQueryParameters: true }), fc.string()),
        (url) => {
          const target = dpopTarget(url)
          if (target !== undefined) expect(dpopTarget(target)).toBe(target)
        },
      ),
    )
  })

  it('is the same whether unreserved characters are escaped or not', () => {
    const unreserved = fc.constantFrom(...'abcXYZ019-._~'.split(''))
    fc.assert(
      fc.property(fc.string({ unit: unreserved, minLength: 1 }), (segment) => {
        const escaped = Array.from(segment, (one) => `%${one.charCodeAt(0).toString(16)}`).join('')
        expect(dpopTarget(`https://api.example/a/${escaped}`)).toBe(
          dpopTarget(`https://api.example/a/${segment}`),
        )
      }),
    )
  })
})

import { createHash } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sha256Base64url } from './sha256.ts'

const DATA = ['', 'abc', 'Schlüssel 🔑', new Uint8Array(1000).fill(7), Uint8Array.of()]

/** Takes node:crypto away, as on a runtime that has none. */
function withoutNodeCrypto(): void {
  const original = process.getBuiltinModule
  Reflect.set(process, 'getBuiltinModule', undefined)
  onTestFinished(() => {
    Reflect.set(process, 'getBuiltinModule', original)
  })
}

describe('sha256Base64url', () => {
  it.each(DATA)('gives at once what node:crypto says of %j', (data) => {
    expect(sha256Base64url(data)).toBe(createHash('sha256').update(data).digest('base64url'))
  })

  it.each(DATA)('gives the same of %j where there is no node:crypto', async (data) => {
    const known = createHash('sha256').update(data).digest('base64url')
    withoutNodeCrypto()
    const digest = sha256Base64url(data)
    expect(digest).toBeInstanceOf(Promise)
    expect(await digest).toBe(known)
  })
})

import { describe, expect, it } from 'vitest'
import type { RemoteDocument } from '../remote/remote-document.ts'
import type { KeySet } from './key-set.ts'
import { keySource, MAX_WAITING } from './key-source.ts'

/** A document that is held and has no keys, whose loads end when the test says so. */
function hangingDocument() {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const state = { reloads: 0 }
  const set: KeySet = { candidates: () => [], has: () => false, unpinned: 0 }
  let isLoading = false
  const document: RemoteDocument<KeySet> = {
    get: () => set,
    peek: () => set,
    reload() {
      state.reloads++
      isLoading = true
      return promise
    },
    isLoading: () => isLoading,
    async loaded() {
      if (isLoading) await promise
    },
    loads: () => 1,
    retryAfter: () => 0,
    fault: () => undefined,
  }
  const end = (): void => {
    isLoading = false
    resolve(true)
  }
  return { document, state, end }
}

describe('keySource', () => {
  it('lets so many tokens wait for a load that hangs, and calls it an outage for the others', async () => {
    const { document, end } = hangingDocument()
    const keys = keySource(document, Date.now)
    const waiting = Array.from({ length: MAX_WAITING }, async (_, at) =>
      keys.find('ES256', `kid-${at}`),
    )
    const over = { kind: 'unavailable', retryAfter: 0, fault: undefined }
    expect(await keys.find('ES256', 'one more')).toEqual(over)
    expect(await keys.findReplaced('ES256', 'one more')).toEqual(over)
    end()
    const kinds = (await Promise.all(waiting)).map(({ kind }) => kind)
    expect(new Set(kinds)).toEqual(new Set(['unknown']))
    // They have all gone: there is room again.
    expect(await keys.find('ES256', 'one more')).toEqual({ kind: 'unknown' })
  })
})

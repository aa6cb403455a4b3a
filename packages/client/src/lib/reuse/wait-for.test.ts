import { describe, expect, it } from 'vitest'
import { waitFor } from './wait-for.ts'

describe('waitFor', () => {
  it('leaves no rejection unhandled when its signal was aborted before', async () => {
    const unhandled: unknown[] = []
    const listen = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', listen)
    const late = Promise.withResolvers<never>()
    const waiting = waitFor(late.promise, AbortSignal.abort(new Error('gone')))
    await expect(waiting).rejects.toThrow('gone')
    late.reject(new Error('late'))
    await new Promise<void>((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', listen)
    expect(unhandled).toEqual([])
  })
})

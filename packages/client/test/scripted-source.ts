import { AccessToken, type TokenRequest, type TokenSource } from '../src/index.ts'

/** A source whose answers the test gives by hand, for tokens that live so many milliseconds. */
export function scripted(clock: { readonly now: () => number }, life = 3_600_000) {
  const asked: TokenRequest[] = []
  const waiting: { resolve(token: AccessToken): void; reject(reason: unknown): void }[] = []
  const token = (value: string, lifetime = life) =>
    new AccessToken({ value, obtainedAt: clock.now(), expiresAt: clock.now() + lifetime })
  const source: TokenSource = (request = {}) => {
    asked.push(request)
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
  }
  return {
    source,
    asked,
    token,
    resolve: (given: AccessToken) => waiting.shift()?.resolve(given),
    answer: (value: string, lifetime = life) => waiting.shift()?.resolve(token(value, lifetime)),
    fail: (reason: unknown) => waiting.shift()?.reject(reason),
  }
}

import type { SignatureAlgorithm } from '@countersign/verify'
import { onTestFinished, vi } from 'vitest'
import { nodeCrypto, nodeVerifier } from '../src/lib/signature/node-verifier.ts'
import type { PublicJwk } from '../src/lib/signature/public-jwk.ts'
import type { SignatureVerifier } from '../src/lib/signature/signature-verifier.ts'
import { webVerifier } from '../src/lib/signature/web-verifier.ts'

/** Both ways to check a signature, which must give the same answers. */
export const VERIFIER_FORMS = ['node:crypto', 'WebCrypto'] as const

export type VerifierForm = (typeof VERIFIER_FORMS)[number]

export type ImportVerifier = (
  key: PublicJwk,
  algorithm: SignatureAlgorithm,
) => Promise<SignatureVerifier | undefined>

/** How a key is imported in each. */
export const IMPORTS: Readonly<Record<VerifierForm, ImportVerifier>> = {
  async 'node:crypto'(key, algorithm) {
    const crypto = nodeCrypto()
    if (crypto === undefined) throw new Error('this test needs Node')
    return nodeVerifier(crypto, key, algorithm)
  },
  WebCrypto: webVerifier,
}

/** Lets everything that is imported until the end of the test be checked in that form. */
export function useVerifiersOf(form: VerifierForm): void {
  if (form === 'node:crypto') return
  vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
  onTestFinished(() => void vi.unstubAllGlobals())
}

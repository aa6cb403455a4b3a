import type { SignatureVerifier } from '@countersign/verify'
import type { PresentedAssertion } from './client-assertion.ts'

/** Keys tried on the signature of one assertion. */
export interface SignatureTrial {
  /** Whether one of these made the signature. */
  readonly check: (verifiers: readonly SignatureVerifier[]) => Promise<boolean>
  /** How many were tried so far. */
  readonly checks: number
}

/** A trial in which no key was tried yet. */
export function signatureTrial({ signingInput, signature }: PresentedAssertion): SignatureTrial {
  let checks = 0
  return {
    async check(verifiers) {
      for (const verifier of verifiers) {
        checks++
        if (await verifier.verify(signingInput, signature)) return true
      }
      return false
    },
    get checks() {
      return checks
    },
  }
}

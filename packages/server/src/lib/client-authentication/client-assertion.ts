import { parseCompactJws, type CompactJws } from '@countersign/protocol'
import { ProtocolError } from '../protocol-error.ts'
import type {
  AuthenticationMethod,
  AuthenticationView,
  PresentedProof,
} from './authentication-method.ts'

/** An assertion as it came: taken apart, nothing of it verified. */
export interface PresentedAssertion extends CompactJws {
  /** What `iss` and `sub` are, where they are texts of a bearable length. */
  readonly iss: string | undefined
  readonly sub: string | undefined
  /** The `client_id` beside it. */
  readonly clientId: string | undefined
}

/** One kind of assertion: gives a proof for those that are of its kind. */
export type AssertionKind = (
  assertion: PresentedAssertion,
  view: AuthenticationView,
) => PresentedProof | undefined

const TYPES: ReadonlySet<string | undefined> = new Set([
  'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  'urn:ietf:params:oauth:client-assertion-type:jwt-spiffe',
])

/** `jose` is what SPIFFE writes; the rest is RFC 7523 and its revision. */
const TYPS: ReadonlySet<string | undefined> = new Set([
  undefined,
  'client-authentication+jwt',
  'jwt',
  'jose',
])

/** Longest `iss` or `sub` that is looked at. */
const MAX_NAME = 2048

/**
 * `client_assertion`: a signed JWT in the body. The first of `kinds` that knows it for its own judges it.
 *
 * Refused before anything is looked up: other types, anything but one compact JWS of at most 16 KiB, and
 * a `typ` that another kind of JWT has.
 * Source: RFC 7521 section 4.2; RFC 7523 section 2.2; draft-ietf-oauth-rfc7523bis section 4;
 * draft-ietf-oauth-spiffe-client-auth section 3.1.
 */
export function clientAssertion(kinds: readonly AssertionKind[]): AuthenticationMethod {
  return (_received, form, view) => {
    const text = form.get('client_assertion')?.[0]
    const type = form.get('client_assertion_type')?.[0]
    if (text === undefined && type === undefined) return undefined
    if (text === undefined || !TYPES.has(type)) {
      throw new ProtocolError('assertion_type_unsupported')
    }
    const jws = parseCompactJws(text)
    if (!jws.ok) throw new ProtocolError('assertion_malformed')
    const { header, payload } = jws.value
    if (!TYPS.has(header.typ)) throw new ProtocolError('assertion_typ_wrong')
    const assertion: PresentedAssertion = {
      ...jws.value,
      iss: nameOf(payload['iss']),
      sub: nameOf(payload['sub']),
      clientId: form.get('client_id')?.[0],
    }
    for (const kind of kinds) {
      const proof = kind(assertion, view)
      if (proof !== undefined) return proof
    }
    throw new ProtocolError('method_unsupported')
  }
}

function nameOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_NAME ? value : undefined
}

import { optionalString } from '@countersign/protocol'
import { credentialFailure } from '../errors/credential-failure.ts'
import { isTokenError } from '../errors/token-error.ts'
import { unknownAlgorithm } from '../jose/key-algorithm.ts'
import { isSignatureAlgorithm, type SignatureAlgorithm } from '../jose/signature-algorithm.ts'
import { importSigningKey, type SigningKey, type SigningKeyInput } from '../jose/signing-key.ts'
import { certificateBytes, certificateThumbprint } from './certificate-thumbprint.ts'

/** A key and what is said about it in the header of what it signs. */
export interface SigningCredential {
  readonly key: SigningKeyInput
  /** Default: the key's own; see `importSigningKey`. */
  readonly alg?: SignatureAlgorithm
  /** The name under which the server knows the key. Default: the key's own, where it has one. */
  readonly kid?: string
  /** The certificate of the key, PEM or DER: adds `x5t#S256`. */
  readonly certificate?: string | Uint8Array
}

/** Gives the keys that are live right now, the one to prefer first: a current and a next one, say. */
export type SigningKeySource = () => SigningKeyAnswer | Promise<SigningKeyAnswer>

/** What a {@link SigningKeySource} gives. */
export type SigningKeyAnswer =
  | SigningKeyInput
  | SigningCredential
  | readonly (SigningKeyInput | SigningCredential)[]

/** {@link SigningCredential}, whose key may also come from a function, asked at each try. */
export interface SigningCredentialOptions extends Omit<SigningCredential, 'key'> {
  readonly key: SigningKeyInput | SigningKeySource
}

/** A key that is ready, with the header members that name it. */
export interface ReadySigningCredential {
  readonly signer: SigningKey
  readonly header: Readonly<Record<string, string>>
  /** Names the key: see `SigningKey`. */
  readonly fingerprint: string
}

/** Most keys of one source that are looked at. */
const MAX_KEYS = 4

/**
 * The signing keys that are live, at each call. A key that the source gives again, the same object
 * or the same text, is imported once.
 *
 * Throws at once: `ArgumentError` for what is wrong and was given as it is. Rejects when used:
 * `ERR_CREDENTIAL`, also where a source gives a wrong key.
 */
export function signingCredentials(
  caller: string,
  { key, ...rest }: SigningCredentialOptions,
): () => Promise<readonly ReadySigningCredential[]> {
  const { alg, kid, certificate } = rest
  optionalString(caller, 'kid', kid)
  if (alg !== undefined && !isSignatureAlgorithm(alg)) throw unknownAlgorithm(caller, alg)
  if (certificate !== undefined) certificateBytes(caller, certificate)
  if (typeof key !== 'function') {
    const ready = readyOnce(caller, { ...rest, key })
    return async () => [await ready()]
  }
  let known: readonly Known[] = []
  return async () => {
    const answers = await answersOf(caller, key)
    const now = answers.map((answer) => {
      const before = known.find((one) => one.answer === answer)
      if (before !== undefined) return before
      const credential = isCredential(answer) ? answer : { ...rest, key: answer }
      return { answer, ready: readyLater(caller, credential) }
    })
    known = now
    return Promise.all(now.map(({ ready }) => ready()))
  }
}

interface Known {
  readonly answer: SigningKeyInput | SigningCredential
  readonly ready: () => Promise<ReadySigningCredential>
}

function readyOnce(
  caller: string,
  { key, alg, kid, certificate }: SigningCredential,
): () => Promise<ReadySigningCredential> {
  const load = importSigningKey(key, alg, caller)
  const der = certificate === undefined ? undefined : certificateBytes(caller, certificate)
  let ready: ReadySigningCredential | undefined
  return async () => {
    if (ready !== undefined) return ready
    const signer = await load()
    const name = kid ?? signer.kid
    const one = {
      signer,
      fingerprint: signer.fingerprint,
      header: {
        ...(name !== undefined && { kid: name }),
        ...(der !== undefined && { 'x5t#S256': await certificateThumbprint(der) }),
      },
    }
    return (ready ??= one)
  }
}

/** As {@link readyOnce}, for keys that come while a token is asked for: misuse is a failure then. */
function readyLater(
  caller: string,
  credential: SigningCredential,
): () => Promise<ReadySigningCredential> {
  try {
    return readyOnce(caller, credential)
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'the key is wrong'
    throw credentialFailure(`the source of key gave a wrong one: ${reason}`)
  }
}

async function answersOf(
  caller: string,
  source: SigningKeySource,
): Promise<readonly (SigningKeyInput | SigningCredential)[]> {
  let answer: SigningKeyAnswer
  try {
    answer = await source()
  } catch (error) {
    // Foreign errors may quote the key.
    if (isTokenError(error)) throw error
    throw credentialFailure(
      `${caller}: the source of key failed`,
      'Run the source by itself to see why',
    )
  }
  const answers = Array.isArray(answer)
    ? (answer as readonly (SigningKeyInput | SigningCredential)[]).slice(0, MAX_KEYS)
    : [answer as SigningKeyInput | SigningCredential]
  if (answers.length > 0) return answers
  throw credentialFailure(`${caller}: the source of key gave none`)
}

function isCredential(answer: SigningKeyInput | SigningCredential): answer is SigningCredential {
  return typeof answer === 'object' && answer !== null && 'key' in answer
}

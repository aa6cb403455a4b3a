import { readFileSync } from 'node:fs'
import { parseJsonObject } from '@countersign/protocol'
import type { NewCredential } from '@countersign/server'
import type { Call } from '../command.ts'
import { usageFailure } from '../errors/command-failure.ts'
import { parseDuration } from '../text/duration.ts'
import { namesAndTexts } from '../text/names-and-texts.ts'

/** The options that choose a kind: one of them at most. */
const KIND_OPTIONS = [
  'import-secret',
  'public-key',
  'jwks-uri',
  'certificate',
  'subject-dn',
  'san-dns',
  'san-uri',
  'trusted-issuer',
] as const

/**
 * The credential that a call describes, files read.
 *
 * Throws: `CommandFailure` (usage) where the options describe none or several.
 */
export async function newCredential(call: Call): Promise<NewCredential> {
  const { arguments: given, now } = call
  const [kind, ...more] = KIND_OPTIONS.filter((name) => given.text(name) !== undefined)
  if (more.length > 0) {
    throw usageFailure(`--${kind} and --${more[0]} describe two credentials`, 'Add one at a time')
  }
  const label = given.text('label')
  const expires = given.text('expires')
  const base = {
    ...(label !== undefined && { label }),
    ...(expires !== undefined && { expiresAt: now() + parseDuration('expires', expires, '3650d') }),
  }
  if (kind === undefined) return { ...base, kind: 'secret', sealed: given.flag('sealed') }
  const value = given.text(kind) ?? ''
  switch (kind) {
    case 'import-secret': {
      const text =
        value === '-' ? Buffer.from(await call.io.readStdin()).toString() : readText(value)
      return { ...base, kind: 'imported_secret', secret: text.replace(/\r?\n$/, '') }
    }
    case 'public-key': {
      const alg = given.text('alg')
      const publicKey = keyOf(readText(value))
      return { ...base, kind: 'public_key', publicKey, ...(alg !== undefined && { alg }) }
    }
    case 'jwks-uri':
      return { ...base, kind: 'key_set', jwksUri: value }
    case 'certificate':
      return { ...base, kind: 'certificate', certificate: readText(value) }
    case 'trusted-issuer': {
      const subject = given.text('subject')
      if (subject === undefined) {
        throw usageFailure('--trusted-issuer needs --subject', 'Say whom: --subject TEXT')
      }
      const audience = given.text('audience')
      return {
        ...base,
        kind: 'federated',
        issuer: value,
        subject,
        claims: namesAndTexts('claim', given.list('claim')),
        ...(audience !== undefined && { audience }),
      }
    }
    case 'subject-dn':
    case 'san-dns':
    case 'san-uri':
      return { ...base, kind: 'certificate_subject', member: MEMBERS[kind], value }
  }
}

const MEMBERS = { 'subject-dn': 'subject_dn', 'san-dns': 'san_dns', 'san-uri': 'san_uri' } as const

function readText(path: string): string {
  return readFileSync(path, 'utf8')
}

function keyOf(text: string): Extract<NewCredential, { kind: 'public_key' }>['publicKey'] {
  const jwk = parseJsonObject(text)
  return jwk.ok ? jwk.value : text
}

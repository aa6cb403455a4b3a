import { usageFailure } from '../errors/command-failure.ts'
import type { Io } from '../io.ts'

/** What opaque tokens and client secrets of this server begin with, so that scanners find them. */
const OPAQUE_TOKEN = /^cst_/
const CLIENT_SECRET = /^csgn_[A-Za-z0-9]+$/

/**
 * The token that an operand gives, or standard input where it is `-`, without the blanks and the
 * scheme around it: people copy it out of a header.
 *
 * Throws: `CommandFailure` (usage) where there is none, and for a client secret of this server.
 */
export async function givenToken(operand: string, io: Io): Promise<string> {
  const text = operand === '-' ? new TextDecoder().decode(await io.readStdin()) : operand
  const token = text.trim().replace(/^(?:bearer|dpop)(?:\s+|$)/i, '')
  if (token === '') {
    throw usageFailure(
      'there is no token',
      'Give it after the command, or give - and pipe it in: countersign token prints one',
    )
  }
  if (CLIENT_SECRET.test(token)) {
    throw usageFailure('this is a client secret, not a token', 'Get one with it: countersign token')
  }
  return token
}

/** Whether a token is an opaque one of this server, which says nothing of itself. */
export function isOpaqueToken(token: string): boolean {
  return OPAQUE_TOKEN.test(token)
}

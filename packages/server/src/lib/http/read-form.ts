import type { Form } from '@countersign/protocol'
import { ProtocolError } from '../protocol-error.ts'
import type { IncomingRequest } from './incoming-request.ts'
import { formOf } from './remembered-forms.ts'

/** Largest token request, in bytes. Ordinary ones are a few hundred; assertions some thousands. */
const MAX_BODY_BYTES = 16_384

/**
 * Reads the form body of a request: media type first, then size, then syntax. All of it must be there
 * within `timeout` milliseconds.
 *
 * Throws: `ProtocolError`. Source: RFC 6749 section 3.2 and appendix B; RFC 8707 section 2 for the
 * one parameter that may repeat.
 */
export async function readForm(request: IncomingRequest, timeout: number): Promise<Form> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded[\t ]*(?:;|$)/i.test(type)) {
    throw new ProtocolError('media_type')
  }
  if (request.headers.has('content-encoding')) throw new ProtocolError('media_type')
  if (Number(request.headers.get('content-length')) > MAX_BODY_BYTES) {
    throw new ProtocolError('body_too_large')
  }
  return formOf(await request.readText(MAX_BODY_BYTES, timeout))
}

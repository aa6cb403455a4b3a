import { parseForm, readBoundedText, type Form } from '@countersign/protocol'
import { ProtocolError } from '../protocol-error.ts'

/** Largest token request, in bytes. Ordinary ones are a few hundred; assertions some thousands. */
const MAX_BODY_BYTES = 16_384

/**
 * Reads the form body of a token request: media type first, then size, then syntax.
 *
 * Throws: `ProtocolError`. Source: RFC 6749 section 3.2 and appendix B; RFC 8707 section 2 for the
 * one parameter that may repeat.
 */
export async function readForm(request: Request): Promise<Form> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded[\t ]*(?:;|$)/i.test(type)) {
    throw new ProtocolError('media_type')
  }
  if (request.headers.has('content-encoding')) throw new ProtocolError('media_type')
  const form = parseForm(await readText(request))
  if (!form.ok) throw new ProtocolError('body_unreadable')
  for (const [name, values] of form.value) {
    if (values.length > 1 && name !== 'resource') throw new ProtocolError('parameter_repeated')
  }
  return form.value
}

async function readText(request: Request): Promise<string> {
  const length = request.headers.get('content-length')
  if (Number(length) > MAX_BODY_BYTES) throw new ProtocolError('body_too_large')
  let text: string | undefined
  try {
    // A body of a stated length cannot be longer than it says, so it needs no counting; `text()` is
    // several times quicker than reading the stream.
    text =
      length === null ? await readBoundedText(request.body, MAX_BODY_BYTES) : await request.text()
  } catch {
    throw new ProtocolError('body_unreadable')
  }
  // A caller inside the process may state any length.
  if (text === undefined || text.length > MAX_BODY_BYTES) throw new ProtocolError('body_too_large')
  return text
}

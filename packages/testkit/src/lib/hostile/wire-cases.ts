import { cases, type HostileCase, type HostileContext } from './hostile-case.ts'

const NO_CREDENTIALS = { status: 401, error: undefined, reason: 'no_credentials' } as const
/** Whatever the server says, or nothing: only a handler must not be reached. */
const NO_REQUEST = { status: 400, error: undefined, reason: undefined } as const

/** Messages that two programs may read in two ways, so that one guards what the other does not see. */
export const WIRE_CASES: readonly HostileCase[] = [
  ...cases('wire', 'RFC 9112 sections 2.2, 5.1 and 5.2; RFC 9110 section 5.5', NO_REQUEST, {
    'a blank before the colon of Authorization': (context) =>
      message(context, [`Authorization : Bearer ${context.mint.token()}`]),
    'the token on a line of its own': (context) =>
      message(context, ['Authorization: Bearer', ` ${context.mint.token()}`]),
    'a lone line feed before Authorization': (context) =>
      message(context, [`X-Note: a\nAuthorization: Bearer ${context.mint.token()}`]),
    'a lone carriage return before Authorization': (context) =>
      message(context, [`X-Note: a\rAuthorization: Bearer ${context.mint.token()}`]),
    'a NUL in Authorization': (context) =>
      message(context, [`Authorization: Bearer ${context.mint.token()}\u0000`]),
    'a header without a name': (context) => message(context, [`: Bearer ${context.mint.token()}`]),
  }),
  ...cases('wire', 'RFC 9112 sections 6.1 and 6.3', NO_REQUEST, {
    'a request behind a body of two lengths': (context) =>
      message(
        { ...context, method: 'POST' },
        ['Content-Length: 5', 'Transfer-Encoding: chunked'],
        `0\r\n\r\n${honest(context)}`,
      ),
    'two Content-Length headers': (context) =>
      message(
        { ...context, method: 'POST' },
        ['Content-Length: 0', 'Content-Length: 9'],
        'more text',
      ),
    'a Content-Length with a sign': (context) =>
      message({ ...context, method: 'POST' }, ['Content-Length: +9'], 'more text'),
    'a Transfer-Encoding nobody knows': (context) =>
      message(
        { ...context, method: 'POST' },
        ['Transfer-Encoding: xchunked'],
        `0\r\n\r\n${honest(context)}`,
      ),
  }),
  ...cases('wire', 'RFC 9110 section 6.5.1; RFC 9112 section 3.2.2', NO_CREDENTIALS, {
    'the token in a trailer': (context) =>
      message(
        { ...context, method: 'POST' },
        ['Transfer-Encoding: chunked', 'Trailer: Authorization'],
        `0\r\nAuthorization: Bearer ${context.mint.token()}\r\n\r\n`,
      ),
    'a whole address as target, without a token': (context) => ({
      message: `${context.method} ${context.url} HTTP/1.1\r\nHost: ${hostOf(context)}\r\nConnection: close\r\n\r\n`,
    }),
    'HTTP/1.0 without a token': (context) => ({
      message: `${context.method} ${pathOf(context)} HTTP/1.0\r\nHost: ${hostOf(context)}\r\n\r\n`,
    }),
  }),
]

function message(
  context: HostileContext,
  lines: readonly string[],
  body: string = '',
): { readonly message: string } {
  const start = `${context.method} ${pathOf(context)} HTTP/1.1`
  const head = [start, `Host: ${hostOf(context)}`, 'Connection: close', ...lines]
  return { message: `${head.join('\r\n')}\r\n\r\n${body}` }
}

function honest(context: HostileContext): string {
  return `${context.method} ${pathOf(context)} HTTP/1.1\r\nHost: ${hostOf(context)}\r\nAuthorization: Bearer ${context.mint.token()}\r\n\r\n`
}

function hostOf({ url }: HostileContext): string {
  return new URL(url).host
}

function pathOf({ url }: HostileContext): string {
  return new URL(url).pathname
}

import { connect, type Socket } from 'node:net'

/** Who opens a connection, and where to. */
export interface AmqpLogin {
  readonly port: number
  readonly username: string
  readonly password: string
  readonly vhost?: string
}

/**
 * Opens an AMQP 0-9-1 connection with name and password, and closes it. Gives `open`, or why it was
 * not let in. Source: AMQP 0-9-1 section 2.2.4, "Connection class".
 */
export async function amqpLogin({
  port,
  username,
  password,
  vhost = '/',
}: AmqpLogin): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const methods = methodsOf(socket)
  try {
    socket.write(Buffer.from('AMQP\0\0\x09\x01', 'latin1'))
    await next(methods, START)
    const response = Buffer.from(`\0${username}\0${password}`)
    const capabilities = table('capabilities', table('authentication_failure_close', true))
    socket.write(
      method(
        START_OK,
        longText(capabilities),
        shortText('PLAIN'),
        longText(response),
        shortText('en_US'),
      ),
    )
    const tune = await next(methods, TUNE)
    if (tune.id !== TUNE) return reasonOf(tune.body)
    socket.write(method(TUNE_OK, tune.body.subarray(0, 8)))
    socket.write(method(OPEN, shortText(vhost), shortText(''), Buffer.of(0)))
    const opened = await next(methods, OPEN_OK)
    return opened.id === OPEN_OK ? 'open' : reasonOf(opened.body)
  } finally {
    socket.destroy()
  }
}

const START = 0x000a_000a
const START_OK = 0x000a_000b
const TUNE = 0x000a_001e
const TUNE_OK = 0x000a_001f
const OPEN = 0x000a_0028
const OPEN_OK = 0x000a_0029
const CLOSE = 0x000a_0032

interface Method {
  readonly id: number
  readonly body: Buffer
}

async function next(methods: AsyncGenerator<Method>, wanted: number): Promise<Method> {
  const { value, done } = await methods.next()
  if (done === true) throw new Error('the broker ended the connection')
  if (value.id === wanted || value.id === CLOSE) return value
  throw new Error(`the broker sent ${value.id.toString(16)} where ${wanted.toString(16)} is due`)
}

async function* methodsOf(socket: Socket): AsyncGenerator<Method> {
  let read = Buffer.alloc(0)
  for await (const chunk of socket) {
    read = Buffer.concat([read, chunk as Buffer])
    while (read.length >= 7 && read.length >= read.readUInt32BE(3) + 8) {
      const size = read.readUInt32BE(3)
      // A frame of type 1 is a method; a heartbeat is of type 8.
      if (read[0] === 1) yield { id: read.readUInt32BE(7), body: read.subarray(11, 7 + size) }
      read = read.subarray(size + 8)
    }
  }
}

function method(id: number, ...parts: readonly Buffer[]): Buffer {
  const payload = Buffer.concat([number(id), ...parts])
  return Buffer.concat([Buffer.of(1, 0, 0), number(payload.length), payload, Buffer.of(0xce)])
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function shortText(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.of(bytes.length), bytes])
}

function longText(bytes: Buffer): Buffer {
  return Buffer.concat([number(bytes.length), bytes])
}

/** A table of one member, which is another table or yes. */
function table(name: string, value: Buffer | true): Buffer {
  const field =
    value === true ? Buffer.from('t\x01') : Buffer.concat([Buffer.from('F'), longText(value)])
  return Buffer.concat([shortText(name), field])
}

function reasonOf(body: Buffer): string {
  return `${body.readUInt16BE(0)} ${body.subarray(3, 3 + (body[2] ?? 0)).toString()}`
}

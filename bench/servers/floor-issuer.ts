import {
  createHmac,
  generateKeyPairSync,
  randomBytes,
  randomUUID,
  sign,
  timingSafeEqual,
} from 'node:crypto'
import { createServer } from 'node:http'
import { parseDerSignature } from '@countersign/protocol'
import { announce } from '../lib/child-server.ts'

// What no authorization server can avoid: read a form, check one secret, sign one token, answer.
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pepper = randomBytes(32)
const secret = 'bench-secret-0123456789'
const digest = createHmac('sha256', pepper).update(secret).digest()
const header = encode({ typ: 'at+jwt', alg: 'ES256', kid: 'floor-key-0123456789' })
const authorization = `Basic ${Buffer.from(`billing:${secret}`).toString('base64')}`

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

const server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (chunk: string) => (body += chunk))
  request.on('end', () => {
    const form = new URLSearchParams(body)
    const credentials = Buffer.from(
      request.headers.authorization?.slice(6) ?? '',
      'base64',
    ).toString()
    const presented = credentials.slice(credentials.indexOf(':') + 1)
    const known = timingSafeEqual(createHmac('sha256', pepper).update(presented).digest(), digest)
    if (!known || form.get('grant_type') !== 'client_credentials') {
      response.writeHead(401).end()
      return
    }
    const iat = Math.floor(Date.now() / 1000)
    const claims = {
      iss: 'http://127.0.0.1',
      sub: 'billing',
      client_id: 'billing',
      aud: 'https://api.example.test/orders',
      scope: 'orders:read',
      iat,
      exp: iat + 3600,
      jti: randomUUID(),
    }
    const input = `${header}.${encode(claims)}`
    const signature = parseDerSignature(sign('sha256', Buffer.from(input), privateKey), 32)
    const token = `${input}.${Buffer.from(signature ?? []).toString('base64url')}`
    const text = JSON.stringify({
      access_token: token,
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'orders:read',
    })
    response.writeHead(200, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      pragma: 'no-cache',
      'content-length': Buffer.byteLength(text),
    })
    response.end(text)
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address !== 'object' || address === null) return
  const body = 'grant_type=client_credentials&scope=orders%3Aread'
  const head = [
    'POST /token HTTP/1.1',
    'Host: 127.0.0.1',
    `Authorization: ${authorization}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
    '',
    '',
  ]
  announce({ port: address.port, request: head.join('\r\n') + body })
})

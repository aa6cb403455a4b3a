import {
  createHmac,
  createSecretKey,
  hash,
  randomBytes,
  randomFillSync,
  timingSafeEqual,
} from 'node:crypto'
import { announce } from '../lib/child-server.ts'
import { accessTokenClaims, bareSigner } from './bare-jwt.ts'
import { serveForms, type FormAnswer } from './form-server.ts'
import { tokenRequestText } from './token-request-text.ts'

// What no authorization server can avoid: read a form, check one secret, make one token, answer.
// Argument: ES256 (default), RS256 or opaque.
const kind = process.argv[2] ?? 'ES256'
const secret = 'csgn_0123456789012345678901234567890123456789012345678'
// A key object: of a bare buffer, Node makes one at each call, for five times the cost.
const pepper = createSecretKey(randomBytes(32))
const digest = createHmac('sha256', pepper).update(secret).digest()
const makeToken = kind === 'opaque' ? opaqueTokens() : jwts()

const port = await serveForms((request, form) => {
  const credentials = Buffer.from(
    request.headers.authorization?.slice(6) ?? '',
    'base64',
  ).toString()
  const presented = credentials.slice(credentials.indexOf(':') + 1)
  const known = timingSafeEqual(createHmac('sha256', pepper).update(presented).digest(), digest)
  if (!known || form.get('grant_type') !== 'client_credentials') return { status: 401, body: '' }
  const token = makeToken()
  return token instanceof Promise ? token.then(answer) : answer(token)
})
announce({ port, requests: [tokenRequestText('billing', secret)] })

function answer(token: string): FormAnswer {
  const members = { access_token: token, token_type: 'Bearer', expires_in: 3600 }
  return { status: 200, body: JSON.stringify({ ...members, scope: 'orders:read' }) }
}

function jwts(): () => string | Promise<string> {
  const sign = bareSigner(kind)
  return () => sign(accessTokenClaims('billing'))
}

/** 256 random bits from a pool, kept by their digest with what they stand for. */
function opaqueTokens(): () => string {
  const kept = new Map<string, object>()
  const pool = Buffer.alloc(4096)
  let used = pool.length
  return () => {
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    const token = `csgt_${pool.toString('base64url', used, used + 32)}`
    used += 32
    kept.set(hash('sha256', token, 'base64url'), accessTokenClaims('billing'))
    return token
  }
}

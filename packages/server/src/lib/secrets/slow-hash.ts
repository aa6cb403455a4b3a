import { createHmac, randomBytes, scrypt } from 'node:crypto'
import { formatBase64url, parseBase64url } from '@countersign/protocol'
import { ServerError } from '../server-error.ts'

/** A slow hash of a secret that somebody chose, and everything that is needed to make it again. */
export interface SlowHash {
  readonly cost: number
  readonly blockSize: number
  readonly parallelization: number
  readonly salt: Uint8Array
  readonly derived: Uint8Array
}

/** Makes slow hashes, off the main thread, a few at a time, and remembers them. */
export interface SlowHashing {
  /**
   * The hash of `secret` as `like` was made. The same question is answered from memory, and asked by
   * many at once it is worked out once. What `isRight` likes is remembered longest.
   *
   * Rejects: `ServerError` of `ERR_OVERLOADED` where too many wait already.
   */
  derive(
    secret: string,
    like: SlowHash,
    isRight: (derived: Uint8Array) => boolean,
  ): Promise<Uint8Array>
}

const COST = 2 ** 15
const BLOCK_SIZE = 8
const PARALLELIZATION = 3
const DERIVED_BYTES = 32
const MAX_COST = 2 ** 20
const MAX_MEMORY = 2 ** 28
/** Memory, processor and the four threads of the pool are for others too. */
const AT_ONCE = 2
const MAX_WAITING = 16
/** Answers remembered: of secrets that were right, and of others. */
const MAX_RIGHT = 10_000
const MAX_WRONG = 1000

/** The slow hash of a secret, with the salt of `like` where another secret of its owner has one. */
export async function makeSlowHash(secret: string, like: SlowHash | undefined): Promise<string> {
  const fresh = {
    cost: COST,
    blockSize: BLOCK_SIZE,
    parallelization: PARALLELIZATION,
    salt: randomBytes(16),
    derived: new Uint8Array(DERIVED_BYTES),
  }
  const { cost, blockSize, parallelization, salt, derived } = like ?? fresh
  const made = await derive(secret, { cost, blockSize, parallelization, salt, derived })
  return [
    'scrypt',
    cost,
    blockSize,
    parallelization,
    formatBase64url(salt),
    formatBase64url(made),
  ].join('$')
}

/** Reads what {@link makeSlowHash} wrote; `undefined` for anything else, or for bounds beyond reason. */
export function parseSlowHash(text: string): SlowHash | undefined {
  const match = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([\w-]{16,86})\$([\w-]{43,86})$/.exec(
    text,
  )
  const [cost = 0, blockSize = 0, parallelization = 0] = (match ?? []).slice(1, 4).map(Number)
  const salt = parseBase64url(match?.[4] ?? '')
  const derived = parseBase64url(match?.[5] ?? '')
  if (match === null || salt === undefined || derived === undefined) return undefined
  const power = cost > 1 && (cost & (cost - 1)) === 0
  if (!power || cost > MAX_COST || blockSize === 0 || parallelization === 0) return undefined
  if (128 * cost * blockSize > MAX_MEMORY) return undefined
  return { cost, blockSize, parallelization, salt, derived }
}

/** What costs as much for a client that has no such secret, each client with a salt of its own. */
export function standInHash(clientId: string): SlowHash {
  return {
    cost: COST,
    blockSize: BLOCK_SIZE,
    parallelization: PARALLELIZATION,
    salt: createHmac('sha256', PROCESS_KEY).update(clientId).digest().subarray(0, 16),
    derived: new Uint8Array(DERIVED_BYTES),
  }
}

/** A slow hashing with nothing remembered. */
export function slowHashing(): SlowHashing {
  const right = new Map<string, Uint8Array>()
  const wrong = new Map<string, Uint8Array>()
  const underway = new Map<string, Promise<Uint8Array>>()
  const waiting: (() => void)[] = []
  let running = 0

  async function inTurn(secret: string, like: SlowHash): Promise<Uint8Array> {
    if (running >= AT_ONCE) {
      if (waiting.length >= MAX_WAITING) {
        throw new ServerError('ERR_OVERLOADED', 'too many slow checks of secrets are waiting')
      }
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running++
    try {
      return await derive(secret, like)
    } finally {
      // The place is handed on, so that nobody slips in between.
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }

  return {
    derive(secret, like, isRight) {
      const question = createHmac('sha256', PROCESS_KEY)
        .update(`${like.cost} ${like.blockSize} ${like.parallelization} `)
        .update(like.salt)
        .update(secret)
        .digest('base64url')
      const known = right.get(question) ?? wrong.get(question)
      if (known !== undefined) return Promise.resolve(known)
      const joined = underway.get(question)
      if (joined !== undefined) return joined
      const made = inTurn(secret, like)
        .then((derived) => {
          // Guesses must not push out what is asked for all day.
          if (isRight(derived)) remember(right, question, derived, MAX_RIGHT)
          else remember(wrong, question, derived, MAX_WRONG)
          return derived
        })
        .finally(() => underway.delete(question))
      underway.set(question, made)
      return made
    },
  }
}

function remember<T>(memory: Map<string, T>, key: string, value: T, most: number): void {
  memory.set(key, value)
  if (memory.size <= most) return
  const [oldest] = memory.keys()
  if (oldest !== undefined) memory.delete(oldest)
}

/** Keys what is remembered: secrets are in no table, and what is in one says nothing elsewhere. */
const PROCESS_KEY = randomBytes(32)

function derive(
  secret: string,
  { cost, blockSize, parallelization, salt, derived }: SlowHash,
): Promise<Uint8Array> {
  const options = { N: cost, r: blockSize, p: parallelization, maxmem: 2 * MAX_MEMORY }
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, derived.length, options, (error, made) => {
      if (error === null) resolve(made)
      else reject(error)
    })
  })
}

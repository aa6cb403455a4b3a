import { createServer, IncomingMessage, type ServerResponse } from 'node:http'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { createGuard } from '../guard/create-guard.ts'
import type { ClientPrincipal } from '../verdict/principal.ts'
import { guarded } from './node-guarded.ts'
import { denialAnswer } from './denial-answer.ts'
import { sendAnswer, toGuardRequest, type NodeResponse } from './node-request.ts'

const guard = createGuard({ issuer: 'https://as.example', audience: 'https://api.example' })

describe('guarded for node:http', () => {
  it('types request, response and caller where it is written into createServer', () => {
    const server = createServer(
      guarded(guard, {}, (request, response, { principal }) => {
        expectTypeOf(request).toEqualTypeOf<IncomingMessage>()
        expectTypeOf(response).toEqualTypeOf<ServerResponse>()
        expectTypeOf(principal).toEqualTypeOf<ClientPrincipal>()
      }),
    )
    class Traced extends IncomingMessage {}
    const traced = guarded(guard, {}, (request: Traced, response: ServerResponse) => {
      expectTypeOf(request).toEqualTypeOf<Traced>()
      response.end()
    })
    expect(createServer({ IncomingMessage: Traced }, traced).listeners('request')).toEqual([traced])
    expect(server.listenerCount('request')).toBe(1)
  })
})

describe('toGuardRequest', () => {
  it('joins lines of one name, in whatever case they came', () => {
    const { headers } = toGuardRequest({
      rawHeaders: ['Host', 'a', 'Authorization', 'Bearer 1', 'AUTHORIZATION', 'Bearer 2'],
    })
    expect(headers.get('authorization')).toBe('Bearer 1, Bearer 2')
    expect(headers.get('host')).toBe('a')
    expect(headers.get('cookie')).toBeNull()
  })

  it('takes no value for a name', () => {
    const { headers } = toGuardRequest({ rawHeaders: ['x-a', 'authorization', 'x-b', 'Bearer 1'] })
    expect(headers.get('authorization')).toBeNull()
  })
})

describe('sendAnswer', () => {
  it('leaves a response alone that has been answered meanwhile', () => {
    const response: NodeResponse = {
      statusCode: 504,
      headersSent: true,
      setHeader: () => {
        throw new Error('headers were sent')
      },
      end: () => {
        throw new Error('it was ended')
      },
    }
    const denied = { allowed: false, status: 401, challenge: 'Bearer', reason: 'expired' } as const
    sendAnswer(response, denialAnswer(denied))
    expect(response.statusCode).toBe(504)
  })
})

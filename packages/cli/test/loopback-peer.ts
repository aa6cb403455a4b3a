import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A request as a peer got it. */
export interface PeerRequest {
  readonly path: string
  readonly authorization: string | undefined
  readonly body: string
}

/** A server of somebody else, on a loopback port. */
export interface LoopbackPeer extends AsyncDisposable {
  readonly origin: string
  readonly requests: readonly PeerRequest[]
}

/** Starts a peer that answers with `answer`. */
export async function startPeer(
  answer: (request: PeerRequest, origin: string) => Response,
): Promise<LoopbackPeer> {
  const requests: PeerRequest[] = []
  let origin = ''
  const server = createServer((incoming, outgoing) => {
    void text(incoming).then(async (body) => {
      const { url = '', headers } = incoming
      const request = { path: url, authorization: headers.authorization, body }
      requests.push(request)
      const response = answer(request, origin)
      outgoing.writeHead(response.status, [...response.headers].flat())
      outgoing.end(await response.text())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

// @azure/msal-node: a token from a server that is not Microsoft's, used at the API. Its own discovery
// insists on an authorization endpoint, which a server for machines has not; so it is handed the
// server's metadata, unless METADATA is `discovery`.
import { AuthError, ConfidentialClientApplication, ProtocolMode } from '@azure/msal-node'

const { ISSUER = '', API_URL = '', CLIENT_ID = '', CLIENT_SECRET = '' } = process.env
const { SCOPE = 'orders:read' } = process.env
const metadata =
  process.env['METADATA'] === 'discovery'
    ? undefined
    : await (await fetch(`${ISSUER}/.well-known/oauth-authorization-server`)).text()
const application = new ConfidentialClientApplication({
  auth: {
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    authority: ISSUER,
    knownAuthorities: [new URL(ISSUER).host],
    ...(metadata !== undefined && { authorityMetadata: metadata }),
  },
  system: { protocolMode: ProtocolMode.OIDC },
})
console.log(JSON.stringify(await report()))

async function report(): Promise<object> {
  try {
    const request = { scopes: SCOPE.split(' ') }
    const result = await application.acquireTokenByClientCredential(request)
    const again = await application.acquireTokenByClientCredential(request)
    const authorization = `Bearer ${again?.accessToken}`
    const answer = await fetch(API_URL, { headers: { authorization } })
    return {
      token_type: result?.tokenType,
      expires_in: Math.round((Number(result?.expiresOn) - Date.now()) / 1000),
      from_cache: again?.fromCache,
      status: answer.status,
      body: await answer.json(),
    }
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    return { error: error.errorCode }
  }
}

/** A token request as it goes out on the wire, with `client_secret_basic`. */
export function tokenRequestText(clientId: string, clientSecret: string): string {
  const body = 'grant_type=client_credentials&scope=orders%3Aread'
  const credentials = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
  const head = [
    'POST /token HTTP/1.1',
    'Host: 127.0.0.1',
    `Authorization: Basic ${credentials}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
    '',
    '',
  ]
  return head.join('\r\n') + body
}

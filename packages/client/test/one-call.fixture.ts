// One call and then nothing: started as a process of its own, which must end by itself.
import { createClient, fromEnv } from '../src/index.ts'

const origin = process.argv[2] ?? ''
const client = createClient({
  tokenEndpoint: `${origin}/token`,
  clientId: 'billing',
  clientSecret: fromEnv('CLIENT_SECRET'),
})
const response = await client.fetch(`${origin}/api`)
process.stdout.write(await response.text())

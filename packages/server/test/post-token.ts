import { postForm, type FormAnswer, type FormPost } from './post-form.ts'

/** What a test sends to a token endpoint. */
export type TokenPost = FormPost

/** Posts a token request over the socket, `grant_type=client_credentials` where nothing is said. */
export function postToken(tokenEndpoint: string, post: TokenPost = {}): Promise<FormAnswer> {
  const { form = {} } = post
  const parameters = Array.isArray(form) ? form : Object.entries(form)
  const hasGrantType = parameters.some(([name]) => name === 'grant_type')
  const all = hasGrantType ? parameters : [['grant_type', 'client_credentials'], ...parameters]
  return postForm(tokenEndpoint, { ...post, form: all as [string, string][] })
}

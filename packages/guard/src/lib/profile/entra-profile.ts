import type { JsonObject } from '@countersign/protocol'
import { RFC9068_PROFILE } from './rfc9068-profile.ts'
import type { TokenProfile } from './token-profile.ts'

/**
 * Access tokens of Microsoft Entra ID, versions 1.0 and 2.0: `typ` of the header is `JWT`, as for ID
 * tokens. Only access tokens say how their client proved itself (`azpacr`, `appidacr`).
 *
 * What a client was granted are app roles, so a client's scopes are read from `roles`, a user's from
 * `scp`. A token is a client's if `idtyp` says so, or, where that is not switched on, if it has no `scp`
 * and its `sub` is its `oid`: a user's `sub` is made anew for each application.
 * Source: Microsoft identity platform, access token claims reference.
 */
export const ENTRA_PROFILE: TokenProfile = Object.freeze({
  ...RFC9068_PROFILE,
  name: 'entra',
  types: ['jwt', 'at+jwt'],
  algorithms: ['RS256'],
  dialect: {
    isAccessToken: ({ ver, azp, azpacr, appid, appidacr, nonce, at_hash, c_hash }) =>
      nonce === undefined &&
      at_hash === undefined &&
      c_hash === undefined &&
      (ver === '2.0'
        ? isText(azp) && isText(azpacr)
        : ver === '1.0' && isText(appid) && isText(appidacr)),
    clientId: ['azp', 'appid'],
    tokenId: { claim: 'uti', required: false },
    scopes: {
      client: { claim: 'roles', form: 'list' },
      user: { claim: 'scp', form: 'text' },
    },
    roles: ({ roles }) => roles,
    kindOf,
  },
} satisfies TokenProfile)

function kindOf({ idtyp, scp, sub, oid }: JsonObject): 'client' | 'user' | undefined {
  if (idtyp === 'app') return scp === undefined ? 'client' : undefined
  if (idtyp !== undefined) return 'user'
  return scp === undefined && sub === oid ? 'client' : 'user'
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

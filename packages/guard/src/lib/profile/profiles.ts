import { AUTH0_PROFILE } from './auth0-profile.ts'
import { COGNITO_PROFILE } from './cognito-profile.ts'
import { ENTRA_PROFILE } from './entra-profile.ts'
import { FAPI2_PROFILE } from './fapi2-profile.ts'
import { KEYCLOAK_PROFILE } from './keycloak-profile.ts'
import { OKTA_PROFILE } from './okta-profile.ts'
import { RFC9068_PROFILE } from './rfc9068-profile.ts'
import type { TokenProfile } from './token-profile.ts'

/** Every profile. */
export const PROFILES: readonly TokenProfile[] = Object.freeze([
  RFC9068_PROFILE,
  KEYCLOAK_PROFILE,
  ENTRA_PROFILE,
  AUTH0_PROFILE,
  OKTA_PROFILE,
  COGNITO_PROFILE,
  FAPI2_PROFILE,
])

"""Authlib: a token by METHOD, used at the API.

METHOD is client_secret_basic, client_secret_post, client_secret_jwt or private_key_jwt (PRIVATE_KEY, a
PEM). Its assertions are for the token endpoint, or for AUDIENCE, and good for an hour, or for LIFETIME.
"""
import json
import os
import time

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT

env = os.environ
method = env.get('METHOD', 'client_secret_basic')
audience = env.get('AUDIENCE', env['TOKEN_URL'])
secret = env['PRIVATE_KEY'] if method == 'private_key_jwt' else env['CLIENT_SECRET']
session = OAuth2Session(
    env['CLIENT_ID'],
    secret,
    token_endpoint_auth_method=method,
    scope=env.get('SCOPE', 'orders:read'),
)
claims = {'exp': int(time.time()) + int(env['LIFETIME'])} if 'LIFETIME' in env else None
if method == 'client_secret_jwt':
    session.register_client_auth_method(ClientSecretJWT(audience, claims))
if method == 'private_key_jwt':
    session.register_client_auth_method(PrivateKeyJWT(audience, claims, alg='ES256'))
try:
    token = session.fetch_token(env['TOKEN_URL'], grant_type='client_credentials')
except OAuthError as error:
    print(json.dumps({'error': error.error}))
else:
    answer = session.get(env['API_URL'])
    print(json.dumps({
        'token_type': token['token_type'],
        'expires_in': token['expires_in'],
        'status': answer.status_code,
        'body': answer.json(),
    }))

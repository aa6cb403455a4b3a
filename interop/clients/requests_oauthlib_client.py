"""requests-oauthlib: a token by METHOD (client_secret_basic, client_secret_post), used at the API."""
import json
import os

os.environ['OAUTHLIB_INSECURE_TRANSPORT'] = '1'

from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

env = os.environ
client_id, secret = env['CLIENT_ID'], env['CLIENT_SECRET']
scope = env.get('SCOPE', 'orders:read').split()
session = OAuth2Session(client=BackendApplicationClient(client_id=client_id, scope=scope))
by_basic = {'auth': HTTPBasicAuth(client_id, secret)}
by_post = {'client_id': client_id, 'client_secret': secret, 'include_client_id': True}
try:
    token = session.fetch_token(
        env['TOKEN_URL'],
        **(by_post if env.get('METHOD') == 'client_secret_post' else by_basic),
    )
except OAuth2Error as error:
    print(json.dumps({'error': error.error}))
else:
    answer = session.get(env['API_URL'])
    print(json.dumps({
        'token_type': token['token_type'],
        'expires_in': token['expires_in'],
        'status': answer.status_code,
        'body': answer.json(),
    }))

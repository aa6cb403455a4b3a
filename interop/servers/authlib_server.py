"""An authorization server of Authlib (Flask), with client credentials on. Prints its port.

Nothing of Countersign is in it. Clients: basic-client, post-client, jwt-client (client_secret_jwt),
key-client (private_key_jwt, its public JWK is the first argument). It does not decode Basic
credentials, and wants the token endpoint as the audience of an assertion.
"""
import json
import os
import sys
import threading

os.environ['AUTHLIB_INSECURE_TRANSPORT'] = '1'

from authlib.jose import JsonWebKey
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from flask import Flask
from werkzeug.serving import make_server

SECRET = os.environ['CLIENT_SECRET']
PUBLIC_JWK = json.loads(sys.argv[1]) if len(sys.argv) > 1 else None


class Client(ClientMixin):
    def __init__(self, client_id, method):
        self.client_id = client_id
        self.method = method

    def get_client_id(self):
        return self.client_id

    def get_default_redirect_uri(self):
        return None

    def get_allowed_scope(self, scope):
        return ' '.join(s for s in (scope or '').split() if s in ('read', 'write'))

    def check_client_secret(self, client_secret):
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method, endpoint):
        return method == self.method

    def check_grant_type(self, grant_type):
        return grant_type == 'client_credentials'


CLIENTS = {
    name: Client(name, method)
    for name, method in [
        ('basic-client', 'client_secret_basic'),
        ('post-client', 'client_secret_post'),
        ('jwt-client', 'client_secret_jwt'),
        ('key-client', 'private_key_jwt'),
    ]
}

app = Flask(__name__)
server = AuthorizationServer()
server.init_app(app, query_client=CLIENTS.get, save_token=lambda token, request: None)


class Grant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = [
        'client_secret_basic',
        'client_secret_post',
        'client_secret_jwt',
        'private_key_jwt',
    ]


server.register_grant(Grant)


def assertion(method, token_url):
    seen = set()

    class Assertion(JWTBearerClientAssertion):
        CLIENT_AUTH_METHOD = method

        def validate_jti(self, claims, jti):
            key = (claims['sub'], jti)
            if key in seen:
                return False
            seen.add(key)
            return True

        def resolve_client_public_key(self, client, headers):
            return SECRET if client.method == 'client_secret_jwt' else JsonWebKey.import_key(PUBLIC_JWK)

        def authenticate_client(self, client):
            if client.check_endpoint_auth_method(method, 'token'):
                return client
            return None

    return Assertion(token_url)


@app.route('/token', methods=['POST'])
def issue():
    return server.create_token_response()


http = make_server('127.0.0.1', 0, app, threaded=True)
TOKEN_URL = 'http://127.0.0.1:%d/token' % http.server_port
for method in ('client_secret_jwt', 'private_key_jwt'):
    server.register_client_auth_method(method, assertion(method, TOKEN_URL))
print(json.dumps({'port': http.server_port}), flush=True)


def end_with_parent():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
http.serve_forever()

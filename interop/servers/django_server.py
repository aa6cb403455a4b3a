"""An authorization server of Django OAuth Toolkit, with client credentials on. Prints its port.

Nothing of Countersign is in it. One client, whose secret needs encoding. It decodes Basic credentials,
and its token endpoint ends in a slash.
"""
import json
import os
import sys
import threading

import django
from django.conf import settings

SECRET = os.environ['CLIENT_SECRET']

settings.configure(
    DEBUG=False,
    SECRET_KEY='x' * 50,
    ALLOWED_HOSTS=['*'],
    ROOT_URLCONF=__name__,
    DATABASES={
        'default': {
            'ENGINE': 'django.db.backends.sqlite3',
            'NAME': 'file:memory?mode=memory&cache=shared',
            'OPTIONS': {'uri': True},
        }
    },
    INSTALLED_APPS=['django.contrib.auth', 'django.contrib.contenttypes', 'django.contrib.sessions', 'oauth2_provider'],
    OAUTH2_PROVIDER={'SCOPES': {'read': 'read', 'write': 'write'}},
    USE_TZ=True,
    DEFAULT_AUTO_FIELD='django.db.models.AutoField',
)
django.setup()

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path
from oauth2_provider.models import Application
from wsgiref.simple_server import WSGIRequestHandler, make_server

urlpatterns = [path('o/', include('oauth2_provider.urls', namespace='oauth2_provider'))]

call_command('migrate', verbosity=0)
Application.objects.create(
    client_id='basic-client',
    client_secret=SECRET,
    client_type='confidential',
    authorization_grant_type='client-credentials',
)


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


http = make_server('127.0.0.1', 0, get_wsgi_application(), handler_class=Quiet)
print(json.dumps({'port': http.server_port}), flush=True)


def end_with_parent():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
http.serve_forever()

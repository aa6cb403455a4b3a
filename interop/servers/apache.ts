import { existsProgram } from './machine.ts'
import { startListeningProgram, type ListeningProgram } from './listening-program.ts'

const PROGRAM = '/usr/sbin/apache2'
const MODULES = '/usr/lib/apache2/modules'

/** Whether this machine has Apache with mod_oauth2. Says so out loud where it has not. */
export function hasApache(): boolean {
  return (
    existsProgram(PROGRAM, 'apache2') &&
    existsProgram(`${MODULES}/mod_oauth2.so`, 'libapache2-mod-oauth2')
  )
}

/** The modules that the configurations of tests need. */
const NEEDED = [
  'mpm_event',
  'authn_core',
  'authz_core',
  'authz_user',
  'dir',
  'headers',
  'proxy',
  'proxy_http',
  'setenvif',
  'socache_shmcb',
  'ssl',
  'oauth2',
]

/** An Apache with a configuration of a test's own, behind the modules and the port. */
export function startApache(
  site: (folder: string) => string,
  files: Readonly<Record<string, string>> = {},
): Promise<ListeningProgram> {
  return startListeningProgram({
    program: PROGRAM,
    args: (folder) => ['-DFOREGROUND', '-d', folder, '-f', `${folder}/httpd.conf`],
    errorLog: 'error.log',
    files: (folder, port) => ({
      ...files,
      'httpd.conf': `
ServerName localhost
ServerRoot ${folder}
Listen 127.0.0.1:${port}
PidFile ${folder}/apache.pid
ErrorLog ${folder}/error.log
LogLevel warn
User www-data
Group www-data
Mutex file:${folder}
DefaultRuntimeDir ${folder}
StartServers 1
ServerLimit 1
ThreadsPerChild 8
MaxRequestWorkers 8
${NEEDED.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
${site(folder)}
`,
    }),
  })
}

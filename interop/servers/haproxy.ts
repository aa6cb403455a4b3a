import { spawnSync } from 'node:child_process'
import { startListeningProgram, type ListeningProgram } from './listening-program.ts'

/** Whether this machine has HAProxy. Says so out loud where it has not. */
export function hasHaproxy(): boolean {
  const isThere = spawnSync('haproxy', ['-v']).status === 0
  if (!isThere) console.log('skipped: no haproxy')
  return isThere
}

/**
 * An HAProxy with a configuration of a test's own: everything but `global` and `defaults`. `files` are
 * put beside it.
 */
export function startHaproxy(
  sections: (port: number, folder: string) => string,
  files: Readonly<Record<string, string>> = {},
): Promise<ListeningProgram> {
  return startListeningProgram({
    program: 'haproxy',
    args: (folder) => ['-db', '-q', '-f', `${folder}/haproxy.cfg`],
    files: (folder, port) => ({
      ...files,
      'haproxy.cfg': `
global
  maxconn 200
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
${sections(port, folder)}
`,
    }),
  })
}

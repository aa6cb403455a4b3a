import { existsSync } from 'node:fs'
import { freePort } from '../../packages/cli/test/free-port.ts'
import { BIN, startPostgresql } from '../../interop/servers/postgresql.ts'
import { atLeast } from '../lib/goals.ts'
import { LOAD_TOOL } from '../lib/load.ts'
import type { Suite } from '../lib/report.ts'
import { figuresOf, measureServers } from '../lib/server-rounds.ts'

const TITLE = 'A token issued: two processes on PostgreSQL'

/** Whether a database behind two processes slows a JWT, and what a stored token costs there. */
export const issuePostgres: Suite = {
  name: 'issue-postgres',
  async run(quick) {
    if (!existsSync(`${BIN}/initdb`)) {
      return [{ title: TITLE, conditions: 'skipped: no PostgreSQL 15', measurements: [] }]
    }
    await using first = await startPostgresql(await freePort())
    // Its own database for each, so that each makes its own registry.
    await first.execute('CREATE DATABASE opaque')
    const { connection } = first
    const servers = await measureServers(
      [
        { name: 'two on SQLite, JWT', role: 'floor', script: 'our-cluster.ts' },
        {
          name: 'two on PostgreSQL, JWT',
          role: 'ours',
          script: 'our-cluster.ts',
          args: [JSON.stringify({ postgres: connection })],
        },
        ...(quick
          ? []
          : [
              {
                name: 'two on PostgreSQL, opaque',
                role: 'ours' as const,
                script: 'our-cluster.ts',
                args: [
                  JSON.stringify({
                    postgres: { ...connection, database: 'opaque' },
                    tokenFormat: 'opaque',
                  }),
                ],
              },
            ]),
      ],
      { rounds: quick ? 1 : 9, seconds: quick ? 1 : 3, connections: 32, pin: false },
    )
    return [
      {
        title: TITLE,
        conditions: `ES256, 32 keep-alive connections by ${LOAD_TOOL}; nothing pinned, load and database have their share of the cores; fsync off; ours in every row`,
        measurements: [],
        servers,
        goals: [
          atLeast(
            "rate of a JWT over SQLite's",
            figuresOf(servers, 'ours', 'two on PostgreSQL, JWT').rateRatio,
            0.9,
          ),
        ],
      },
    ]
  },
}

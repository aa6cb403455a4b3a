/** Whether `--db` names a PostgreSQL and not a file. */
export function isPostgresUrl(db: string): boolean {
  return /^postgres(ql)?:\/\//i.test(db)
}

import { sql } from 'drizzle-orm'
import type { Pg } from '#shared/pg/pg.ts'

/** A profile as it is shown; `tag` is another one whenever anything of it is. */
export type Profile = {
  id: string
  email: string
  name: string | null
  phone: string | null
  createdAt: Date
  updatedAt: Date
  tag: string
}
export type Patch = { readonly name?: string | null | undefined; readonly phone?: string | null | undefined }

type Row = Omit<Profile, 'createdAt' | 'updatedAt'> & { created_at: string; updated_at: string }
const toProfile = ({ created_at, updated_at, ...row }: Row): Profile => ({
  ...row,
  createdAt: new Date(created_at),
  updatedAt: new Date(updated_at),
})

// The email is the account's, so both versions make the tag.
const tag = sql.raw(`'"' || p.version || '-' || a.version || '"'`)
const columns = sql`a.id, a.email, p.name, p.phone, a.created_at, greatest(p.updated_at, a.updated_at) as updated_at, ${tag} as tag`
const p = (name: string) => sql.placeholder(name)

const reading = sql`select ${columns} from profiles p join accounts a on a.id = p.account_id where p.account_id = ${p('id')}`

const patched = (column: 'name' | 'phone') =>
  sql.raw(`${column} = case when wanted.patch ? '${column}' then wanted.patch ->> '${column}' else p.${column} end`)

/** Says `found` also when the tags are other ones, so that a lost race differs from an erased account. */
const changing = sql`
  with wanted as (select ${p('patch')}::jsonb as patch, ${p('tags')}::jsonb as tags),
  changed as (
    update profiles p set ${patched('name')}, ${patched('phone')}, version = p.version + 1, updated_at = now()
    from accounts a, wanted
    where p.account_id = ${p('id')} and a.id = p.account_id and (wanted.tags is null or wanted.tags ? (${tag}))
    returning ${columns}
  )
  select changed.* from profiles found left join changed on true where found.account_id = ${p('id')}`

export type ProfilesStore = ReturnType<typeof profilesStore>

/** Reads and changes the profile of one account. */
export function profilesStore(pg: Pg) {
  const read = pg.statement<Row>('profiles.read', reading)
  const change = pg.statement<Row | { [K in keyof Row]: null }>('profiles.change', changing)
  return {
    find: async (id: string): Promise<Profile | undefined> => {
      const [row] = await read({ id })
      return row && toProfile(row)
    },
    /** Changes the profile whose tag is one of `tags` (any, when undefined) in one statement: of two changes of the same read, one is `stale`. */
    change: async (id: string, patch: Patch, tags: readonly string[] | undefined): Promise<Profile | 'stale' | 'erased'> => {
      const [row] = await change({ id, patch: JSON.stringify(patch), tags: tags ? JSON.stringify(tags) : null })
      if (!row) return 'erased'
      return row.id === null ? 'stale' : toProfile(row)
    },
  }
}

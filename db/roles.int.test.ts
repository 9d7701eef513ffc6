import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import { expect, inject, onTestFinished, test } from 'vitest'
import { type DatabaseRole, databaseRoles, ensureDatabase, ensureRoles, grantRights, roleName } from './roles.ts'

test('a writer changes rows and a reader only reads them, also in tables made later', async () => {
  const shop = await makeService()
  const owner = shop.open('owner')
  await owner`create table things (id bigint generated always as identity primary key, name text not null)`
  await shop.open('writer')`insert into things (name) values ('a'), ('b')`
  await shop.open('writer')`update things set name = 'c' where name = 'b'`

  expect(await shop.open('reader')`select name from things order by id`).toEqual([{ name: 'a' }, { name: 'c' }])
  await expect(shop.open('reader')`delete from things`).rejects.toThrow('permission denied')
})

test('neither a writer nor a reader makes or drops a table', async () => {
  const shop = await makeService()
  await shop.open('owner')`create table things (id int)`
  for (const role of ['writer', 'reader'] as const) {
    await expect(shop.open(role)`create table mine (id int)`).rejects.toThrow('permission denied')
    await expect(shop.open(role)`create schema mine`).rejects.toThrow('permission denied')
    await expect(shop.open(role)`drop table things`).rejects.toThrow('must be owner')
    await expect(shop.open(role)`create temporary table mine (id int)`).rejects.toThrow('permission denied')
  }
})

test('a monitor reads rows and what other sessions do, and changes nothing', async () => {
  const shop = await makeService()
  await shop.open('owner')`create table things (id int)`
  await shop.open('writer')`insert into things values (1)`
  const monitor = shop.open('monitor')
  expect(await monitor`select id from things`).toEqual([{ id: 1 }])
  expect(await monitor`select state from pg_stat_activity where usename = ${roleName(shop.service, 'writer')}`).toEqual([{ state: 'idle' }])
  await expect(monitor`delete from things`).rejects.toThrow('read-only transaction')
  await monitor`set default_transaction_read_only = off`
  await expect(monitor`delete from things`).rejects.toThrow('permission denied')
})

test('no role of one service opens the database of another', async () => {
  const [shop, other] = [await makeService(), await makeService()]
  for (const role of databaseRoles) {
    await expect(other.open(role, shop.service)`select 1`).rejects.toThrow(`permission denied for database "${shop.service}"`)
  }
})

test('made again, everything stays and the new passwords are the ones that open', async () => {
  const shop = await makeService()
  await shop.open('owner')`create table things (id int)`
  await shop.make('second')
  expect(await shop.open('writer', shop.service, 'second')`select count(*)::int as count from things`).toEqual([{ count: 0 }])
  await expect(shop.open('writer', shop.service, 'first')`select 1`).rejects.toThrow('password authentication failed')
})

/** A service that exists for one test. */
async function makeService() {
  const service = `s${randomUUID().replaceAll('-', '').slice(0, 12)}`
  const url = new URL(inject('postgresUrl'))
  const connect = (database: string, user = url.username, password = url.password) => {
    const sql = postgres({ host: url.hostname, port: Number(url.port), database, user, password, max: 1, onnotice: () => {} })
    onTestFinished(() => sql.end({ timeout: 1 }))
    return sql
  }
  const make = async (password: string) => {
    const admin = connect('postgres')
    await ensureRoles(admin, service, { owner: password, writer: password, reader: password, monitor: password })
    await ensureDatabase(admin, service)
    await grantRights(connect(service), service)
  }
  await make('first')
  onTestFinished(async () => {
    const admin = connect('postgres')
    await admin.unsafe(`drop database if exists ${service} with (force)`)
    await admin.unsafe(`drop role ${databaseRoles.map((role) => roleName(service, role)).join(', ')}`)
  })
  return {
    service,
    make,
    open: (role: DatabaseRole, database = service, password = 'first') => connect(database, roleName(service, role), password),
  }
}

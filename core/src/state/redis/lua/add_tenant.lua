-- Adds a tenant with its settings.
local id, name, fields, settings = arg(), arg(), list_arg(), list_arg()
if redis.call('SISMEMBER', key('tenants'), id) == 1 or any_of_another(settings, id) then
  return 'id-taken'
end
if name_taken(name, id) then
  return 'name-taken'
end
redis.call('DEL', key('tenant:' .. id))
redis.call('HSET', key('tenant:' .. id), 'name', name)
set_fields(id, fields)
put_settings(id, settings)
redis.call('HSET', key('tenant_name:' .. name), 'id', id)
redis.call('SADD', key('tenants'), id)
return 'done'

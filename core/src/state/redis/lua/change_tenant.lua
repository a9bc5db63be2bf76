-- Changes a tenant and its settings; an empty name leaves the name as it is.
local id, name, fields, settings, dropped = arg(), arg(), list_arg(), list_arg(), list_arg()
local old_name = redis.call('HGET', key('tenant:' .. id), 'name')
if not old_name or redis.call('SISMEMBER', key('tenants'), id) == 0 then
  return 'unknown'
end
if any_of_another(settings, id) then
  return 'id-taken'
end
if name ~= '' and name ~= old_name then
  if name_taken(name, id) then
    return 'name-taken'
  end
  redis.call('HSET', key('tenant_name:' .. name), 'id', id)
  if redis.call('HGET', key('tenant_name:' .. old_name), 'id') == id then
    redis.call('DEL', key('tenant_name:' .. old_name))
  end
  redis.call('HSET', key('tenant:' .. id), 'name', name)
end
set_fields(id, fields)
for _, setting in ipairs(dropped) do
  if redis.call('SREM', key('tenant_settings:' .. id), setting) == 1 then
    redis.call('DEL', key('tenant_setting:' .. setting))
  end
end
put_settings(id, settings)
return 'done'

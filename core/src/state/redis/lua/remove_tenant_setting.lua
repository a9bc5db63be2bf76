-- Removes a setting, whoever's it is or only that tenant's; 0 if there is none.
local id, tenant = arg(), arg()
local owner = redis.call('HGET', key('tenant_setting:' .. id), 'tenant_id')
if not owner or (tenant ~= '' and owner ~= tenant) then
  return 0
end
redis.call('DEL', key('tenant_setting:' .. id))
redis.call('SREM', key('tenant_settings:' .. owner), id)
return 1

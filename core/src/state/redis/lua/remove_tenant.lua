-- Removes a tenant with its settings; 0 if there is none.
local id = arg()
local name = redis.call('HGET', key('tenant:' .. id), 'name')
local known = redis.call('SREM', key('tenants'), id) + redis.call('DEL', key('tenant:' .. id))
if name and redis.call('HGET', key('tenant_name:' .. name), 'id') == id then
  redis.call('DEL', key('tenant_name:' .. name))
end
for _, setting in ipairs(redis.call('SMEMBERS', key('tenant_settings:' .. id))) do
  redis.call('DEL', key('tenant_setting:' .. setting))
end
redis.call('DEL', key('tenant_settings:' .. id))
return known > 0 and 1 or 0

-- The tenant of that name or ID with its settings, or nil.
local by, id = arg(), arg()
if by == 'name' then
  id = redis.call('HGET', key('tenant_name:' .. id), 'id')
end
if not id then
  return false
end
local h = redis.call('HMGET', key('tenant:' .. id), 'name', 'secrets')
if not h[1] then
  return false
end
local settings = {}
for _, setting_id in ipairs(redis.call('SMEMBERS', key('tenant_settings:' .. id))) do
  local s = redis.call('HMGET', key('tenant_setting:' .. setting_id), 'param', 'value', 'override')
  if s[1] then
    settings[#settings + 1] = { s[1], s[2] or '', s[3] or '' }
  end
end
table.sort(settings, function(a, b)
  return a[1] < b[1]
end)
return { id, h[1], h[2] or '', settings }

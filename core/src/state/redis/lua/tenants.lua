-- The tenants of these IDs that are there, with their settings.
local records = {}
for _, id in ipairs(list_arg()) do
  records[#records + 1] = tenant_record(id)
end
return records

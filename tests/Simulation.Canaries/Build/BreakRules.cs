using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Copies the files that canaries name and puts the canaries' text in the place of the product's. A text that is not there exactly once is an error: the rule has moved.</summary>
public class BreakRules : Task
{
    public string Rules { get; set; }

    public ITaskItem[] Sources { get; set; }

    public string Folder { get; set; }

    [Output]
    public ITaskItem[] Replaced { get; set; }

    [Output]
    public ITaskItem[] Broken { get; set; }

    public override bool Execute()
    {
        var replaced = new List<ITaskItem>();
        var broken = new List<ITaskItem>();
        Directory.CreateDirectory(Folder);
        foreach (var file in XDocument.Load(Rules).Descendants("change").GroupBy(c => (string)c.Attribute("file")))
        {
            var source = Sources.FirstOrDefault(s => s.ItemSpec.Replace('\\', '/').EndsWith("/Serverless.Core/" + file.Key, StringComparison.Ordinal));
            if (source == null)
            {
                Log.LogError("Canaries.xml names the file '{0}', which the core does not have. Name the file that holds the rule now.", file.Key);
                continue;
            }

            var text = File.ReadAllText(source.ItemSpec);
            foreach (var change in file)
            {
                var find = change.Element("find").Value;
                var at = text.IndexOf(find, StringComparison.Ordinal);
                if (at < 0 || text.IndexOf(find, at + 1, StringComparison.Ordinal) >= 0)
                {
                    Log.LogError(
                        "Canary '{0}': its text must be in '{1}' exactly once, and is there {2}. Give it the text of the rule as it is now: {3}",
                        (string)change.Parent.Attribute("name"), file.Key, at < 0 ? "not at all" : "more than once", find);
                    continue;
                }

                text = text.Substring(0, at) + change.Element("replace").Value + text.Substring(at + find.Length);
            }

            var path = Path.Combine(Folder, file.Key.Replace('/', '.'));
            if (!File.Exists(path) || File.ReadAllText(path) != text)
            {
                File.WriteAllText(path, text);
            }

            replaced.Add(source);
            broken.Add(new TaskItem(path));
        }

        Replaced = replaced.ToArray();
        Broken = broken.ToArray();
        return !Log.HasLoggedErrors;
    }
}

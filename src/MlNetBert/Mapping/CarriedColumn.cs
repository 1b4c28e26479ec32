using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetBert.Mapping;

/// <summary>The values of one column for the rows of a window, copied while the cursor stands on each.</summary>
internal abstract class CarriedColumn
{
    /// <summary>The getter of the value at the consumer's place.</summary>
    public abstract Delegate Getter { get; }

    /// <summary>Copies the value of the row that is being read.</summary>
    /// <param name="place">The row's place in the window.</param>
    /// <returns>About how many bytes are kept for it.</returns>
    public abstract long Read(int place);

    /// <summary>Carries a column of any type.</summary>
    /// <param name="row">The row that is read.</param>
    /// <param name="column">The column in its schema.</param>
    /// <param name="place">The consumer's place in the window.</param>
    public static CarriedColumn Create(DataViewRow row, DataViewSchema.Column column, Func<int> place)
    {
        var type = column.Type is VectorDataViewType vector
            ? typeof(CarriedVectors<>).MakeGenericType(vector.ItemType.RawType)
            : typeof(CarriedValues<>).MakeGenericType(column.Type.RawType);
        const BindingFlags Constructor = BindingFlags.Instance | BindingFlags.Public | BindingFlags.DoNotWrapExceptions;
        return (CarriedColumn)Activator.CreateInstance(type, Constructor, binder: null, [row, column, place], culture: null)!;
    }
}
